import{J as o,w as a}from"./chunk-ERNK6UKL.js";function r({site:p}){return o("h2",{"data-site":p,children:a("tab_gaps")})}export{r as GapsPage};
