import{I as o,v as a}from"./chunk-XS4NYEZU.js";function r({site:p}){return o("h2",{"data-site":p,children:a("tab_gaps")})}export{r as GapsPage};
