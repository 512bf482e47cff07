import{H as o,u as a}from"./chunk-ZI6NTPE5.js";function r({site:p}){return o("h2",{"data-site":p,children:a("tab_gaps")})}export{r as GapsPage};
